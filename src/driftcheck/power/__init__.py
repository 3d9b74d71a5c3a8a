"""How much the gate can notice: the real statistics on drift planted in the user's own production.

From sessions to splits (`topics`, `splits`), through the gate (`gate`), to draws (`simulating`), curves (`curves`),
satisfaction (`ratings`) and the report that answers in sentences (`measuring`, `sentences`).
"""
