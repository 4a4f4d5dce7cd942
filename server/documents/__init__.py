"""Documents of many pages: pages taken from files of any kind, and files made of them. Bytes in, out."""
