"""Who answers a request and with what: campaign, item, style and template, and which request is next."""
