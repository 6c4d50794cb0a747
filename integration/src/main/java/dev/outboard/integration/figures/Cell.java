package dev.outboard.integration.figures;

/** One point of a figure. */
record Cell(FigureArm arm, Configuration configuration, int vms, FigureLoad load) {}
