"""What a number in Chinese prose is: reading, writing and comparing figures. No model, no I/O."""
