"""HTTP as a transport: the server, its connections, and what a request and an answer are. It knows no API.

What is unusual here for the sake of speed stands in `fast`, behind one switch of `server.serve`. Nothing is imported
here: `confrere mcp` on standard input and output needs no server.
"""
