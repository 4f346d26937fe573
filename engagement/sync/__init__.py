"""Tells the CRM what changed about its accounts."""
