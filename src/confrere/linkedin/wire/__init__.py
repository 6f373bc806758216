"""LinkedIn's own words: headers, query ids, JSON that is sent and JSON that is read."""
