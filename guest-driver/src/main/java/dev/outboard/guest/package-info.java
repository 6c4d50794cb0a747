/**
 * A stand-in microVM in plain Java: guest memory, virtqueues driven from the guest's side, a
 * vhost-user frontend, a VMM-owned TAP to compare with, and the loads that all of them carry.
 */
package dev.outboard.guest;
