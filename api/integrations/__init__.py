"""The archive inside chat platforms: one file each, and what they share in `conversations`."""
