"""Components of an electric site: sun and weather, panels, battery, generator, grid, loads, and their bus."""
