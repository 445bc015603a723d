"""Labels without annotators: small labelling functions that vote on sentences, and the model that weighs their votes.

Source: Ratner et al. (2017), Snorkel: rapid training data creation with weak supervision.
"""
