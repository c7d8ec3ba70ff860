"""What an advertiser supplies: pictures, clips and words as features, and which picture suits an item."""
