/**
 * TCP of a guest as the sidecar sees it go by: round trips, retransmissions. Nothing here touches a
 * packet or a guest's memory; what it learns from headers is believed for statistics only.
 */
package dev.outboard.engine.observation;
