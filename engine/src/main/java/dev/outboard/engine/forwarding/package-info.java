/**
 * Who a guest is, what it may send, and where its frames go: identities, source checks, the table
 * of addresses, answers to neighbour requests, limits. Decisions are made on private copies of
 * headers only.
 */
package dev.outboard.engine.forwarding;
