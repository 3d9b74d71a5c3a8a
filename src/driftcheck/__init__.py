"""driftcheck: is the eval set still like this week's traffic, and does the score agree with users?"""

__version__ = "0.1.0"
