"""The agents' desk: accounts and sessions, the API, the live stream, the pages."""
