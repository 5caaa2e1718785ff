"""Training of the reader (`qa/answering/reader.onnx`): data, examples, network."""
