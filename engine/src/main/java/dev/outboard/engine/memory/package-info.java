/** Guests' memory: mapped tables and the translation of guest-physical addresses. */
package dev.outboard.engine.memory;
