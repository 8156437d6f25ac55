"""What is asked, published: frozen versions and what is recorded to be read aloud."""
