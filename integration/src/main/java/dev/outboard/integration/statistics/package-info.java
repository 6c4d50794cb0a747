/**
 * Whether two ways of doing something differ, by how much, and how sure that is. Pure functions
 * over numbers, any thread; who draws gives a generator, so that a run can be repeated.
 */
package dev.outboard.integration.statistics;
