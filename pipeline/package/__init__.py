"""The trained model as one folder that goes anywhere."""
