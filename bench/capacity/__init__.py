"""How many nodes a number of participants needs: a simulation fed with measured service times."""
