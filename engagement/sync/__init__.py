"""Sends changed accounts to the CRM."""
