"""The networks in the frameworks that they were trained in, to hold our conversions against.

``python -m benchmarks.originals --packages FOLDER`` makes an environment of its own with PyTorch and TensorFlow, runs
each original on fixed inputs, and prints the largest difference. The folder holds the packages that the cards name.
"""
