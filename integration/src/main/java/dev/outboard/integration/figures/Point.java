package dev.outboard.integration.figures;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.outboard.integration.compare.CoreState;
import java.util.Map;

/**
 * What was measured once. Immutable; written to the JSON as it is.
 *
 * @param vms pairs that talked at once
 * @param coreState of the processors around it
 * @param gbitPerS what reached the other host, from the Ethernet header on; null where messages are
 *     counted
 * @param p50Us round trip of a message; null where frames flow one way
 * @param messages messages that were answered
 * @param sent frames of both sides
 * @param missing frames sent that neither came nor were counted as dropped
 */
public record Point(
    int figure,
    String arm,
    String configuration,
    int vms,
    String load,
    int round,
    CoreState coreState,
    double seconds,
    @JsonInclude(JsonInclude.Include.NON_NULL) Double gbitPerS,
    @JsonProperty("p50_us") @JsonInclude(JsonInclude.Include.NON_NULL) Double p50Us,
    @JsonProperty("p99_us") @JsonInclude(JsonInclude.Include.NON_NULL) Double p99Us,
    long messages,
    double messagesPerS,
    double cpuBusyS,
    double wallS,
    long sent,
    long received,
    Map<String, Long> drops,
    long missing,
    long corrupt) {}
