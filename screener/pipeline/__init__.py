"""Theme and prices in, result out; what failed on the way is part of the result."""
