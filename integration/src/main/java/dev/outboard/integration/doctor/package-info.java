/**
 * What {@code outboard doctor} finds on a host: whether the sidecar, its transports and notifiers
 * and the usual VMMs can run there, and what to do where they can't. Changes nothing.
 */
package dev.outboard.integration.doctor;
