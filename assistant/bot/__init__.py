"""What is loaded inside Rasa 3.6.21, Python 3.10 only: channel, tracker store, NLU components, policy, patches."""
