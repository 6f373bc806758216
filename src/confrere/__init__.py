"""Confrere sends LinkedIn messages to fellow group members: within quota, exactly once, truthfully."""
