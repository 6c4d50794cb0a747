/** {@code outboard compare}: the same guests and the same load over several ways of a frame. */
package dev.outboard.integration.compare;
