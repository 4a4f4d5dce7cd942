"""What goes over the wire: messages, the catalogue of functions, the codec, the exports."""
