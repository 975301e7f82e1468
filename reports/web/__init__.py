"""The reports' web application: routes, answers and their headers; it makes no number itself."""
