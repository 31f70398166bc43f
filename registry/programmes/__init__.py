"""Read programme and scope documents, and build achievements from them."""
