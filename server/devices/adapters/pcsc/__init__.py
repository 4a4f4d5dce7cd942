"""Social security and bank cards in readers of PC/SC; see `finder`."""
