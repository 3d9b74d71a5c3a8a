"""The story behind the example data: a travel company's support assistant whose world changes in summer 2026."""
