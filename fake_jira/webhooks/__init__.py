"""Tells listeners what has happened: takes events from a world and sends them on."""
