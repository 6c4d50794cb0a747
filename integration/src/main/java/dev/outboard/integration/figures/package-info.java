/**
 * {@code outboard figures}: the paper's figures 2 to 4 on this machine, or between two. {@link
 * Figures} runs them; the building blocks (networks, sidecars, processor time) are {@code
 * compare}'s.
 */
package dev.outboard.integration.figures;
