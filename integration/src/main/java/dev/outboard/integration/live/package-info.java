/**
 * {@code outboard compare --live}: the frames of running guests take two ways in turns, by swaps of
 * a running daemon, while it watches their TCP. Nothing of a guest is touched.
 */
package dev.outboard.integration.live;
