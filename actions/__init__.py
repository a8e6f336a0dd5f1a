"""The Rasa action server: answers from the knowledge base and looks orders up. Start reading at `server.py`."""
