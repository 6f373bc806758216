"""HTTP/1.1 to LinkedIn over pooled connections, where it is always known whether a request can have left."""
