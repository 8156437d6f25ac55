"""What is asked: the questionnaire as a document, parsed once into typed objects."""
