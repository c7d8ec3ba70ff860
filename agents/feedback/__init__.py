"""How counters of lanes become published metrics and posteriors."""
