"""Builds what `offramp up` starts: environments, encoder, classifier, knowledge base snapshot, Rasa model."""
