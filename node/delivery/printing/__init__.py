"""What is printed of a credential: one page as PDF and the badge's image. Neither proves anything; both lead to what does."""
