package dev.outboard.integration.cli;

import picocli.CommandLine.Option;

/** The option for output that programs read. Mixed into every command. */
final class JsonOption {
  @Option(names = "--json", description = "Print JSON, as the API sends it.")
  private boolean json;

  boolean isSet() {
    return json;
  }
}
