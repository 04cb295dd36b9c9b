"""What the end-to-end tests share: processes, raw sockets, a scripted upstream, checks."""
