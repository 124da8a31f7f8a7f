"""What people attach: taken in, made harmless, stored under names of ours, read by who may."""
