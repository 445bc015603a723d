"""The transformer: weights, model, batches, loss, training, ONNX."""
