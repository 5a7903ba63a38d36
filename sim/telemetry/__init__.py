"""Between the plant and its controller: sensors, the network both ways, the journal of events, actuators."""
