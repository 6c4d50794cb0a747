package dev.outboard.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.wire.Json;
import dev.outboard.linux.Processes;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./outboard bench zero-copy}: from which size on a send without a copy pays. */
@Command(
    name = "zero-copy",
    description = {
      "Processor time for sending UDP messages by io_uring, copied and from where they lie, to a",
      "peer that drops them unread (as if a NIC fetched them) and to one whose kernel takes them.",
      "Needs root, for a network of its own."
    },
    mixinStandardHelpOptions = true)
final class ZeroCopyCommand implements Callable<Integer> {
  private static final int MOST_SIZE = 62_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--sizes",
      split = ",",
      paramLabel = "BYTES",
      description = "Bytes of a message; default: ${DEFAULT-VALUE}.",
      defaultValue = "1400,2800,5600,8900,17800,35600")
  private List<Integer> sizes;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Samples of each arm, in turns; default: ${DEFAULT-VALUE}.",
      defaultValue = "40")
  private int samples;

  @Option(
      names = "--megabytes",
      paramLabel = "N",
      description = "Bytes of a sample, at least, in millions; default: ${DEFAULT-VALUE}.",
      defaultValue = "20")
  private int megabytes;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    if (sizes.stream().anyMatch(size -> size < 1 || size > MOST_SIZE)) {
      throw usage("--sizes must be between 1 and " + MOST_SIZE);
    }
    if (samples < 1 || megabytes < 1) {
      throw usage("--samples and --megabytes must be at least 1");
    }
    if (!Processes.isRoot()) {
      throw usage("this needs root, for a network of its own: sudo ./outboard bench zero-copy");
    }
    List<ZeroCopyBench.Result> results = new ZeroCopyBench(samples, megabytes).run(sizes);
    PrintWriter out = spec.commandLine().getOut();
    out.print(text(results));
    out.flush();
    if (json != null) {
      Files.writeString(json, json(results));
    }
    return 0;
  }

  private static String text(List<ZeroCopyBench.Result> results) {
    StringBuilder text =
        new StringBuilder(
            "PEER      BYTES  SEND        us CPU/MB p50   p25-p75       KERNEL COPIED\n");
    for (ZeroCopyBench.Result result : results) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-8s %6d  %-10s %14.1f   %5.1f-%-6.1f   %s%n",
              peer(result),
              result.bytes(),
              way(result),
              micros(result, 0.5),
              micros(result, 0.25),
              micros(result, 0.75),
              result.zeroCopy()
                  ? String.format(Locale.ROOT, "%.0f %%", 100 * result.copies().share())
                  : ""));
    }
    return text.toString();
  }

  private static String peer(ZeroCopyBench.Result result) {
    return result.taken() ? "takes" : "drops";
  }

  private static String way(ZeroCopyBench.Result result) {
    return result.zeroCopy() ? "zero-copy" : "copied";
  }

  private static double micros(ZeroCopyBench.Result result, double share) {
    long[] nanos = result.nanos().stream().mapToLong(Long::longValue).toArray();
    return Quantiles.at(nanos, share) / 1000.0;
  }

  private String json(List<ZeroCopyBench.Result> results) throws Exception {
    ObjectNode root = Json.api().createObjectNode();
    ObjectNode host = root.putObject("host");
    host.put("cpus", Runtime.getRuntime().availableProcessors());
    host.put("kernel", System.getProperty("os.version"));
    host.put("java", Runtime.version().toString());
    root.put("samples", samples);
    ArrayNode list = root.putArray("arms");
    for (ZeroCopyBench.Result result : results) {
      ObjectNode arm = list.addObject();
      arm.put("peer", peer(result));
      arm.put("send", way(result));
      arm.put("bytes", result.bytes());
      arm.put("cpu_us_per_mb", micros(result, 0.5));
      if (result.zeroCopy()) {
        arm.put("copied_share", result.copies().share());
      }
    }
    return Json.api().writeValueAsString(root) + "\n";
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
