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

/** {@code ./outboard bench vxlan}: what a frame in VXLAN costs, each way. */
@Command(
    name = "vxlan",
    description = {
      "Processor time per frame in VXLAN over loopback: by the iouring transport, and by one",
      "sendmsg or recvmsg for each frame. Needs root, for a network of its own."
    },
    mixinStandardHelpOptions = true)
final class VxlanCommand implements Callable<Integer> {
  private static final int LEAST_SIZE = 60;
  private static final int MOST_SIZE = 1464;

  @Spec private CommandSpec spec;

  @Option(
      names = "--sizes",
      split = ",",
      paramLabel = "BYTES",
      description = "Sizes of frames; default: ${DEFAULT-VALUE}.",
      defaultValue = "64,512,1464")
  private List<Integer> sizes;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Samples of each arm, in turns; default: ${DEFAULT-VALUE}.",
      defaultValue = "40")
  private int samples;

  @Option(
      names = "--frames",
      paramLabel = "N",
      description = "Frames of a sample, at least; default: ${DEFAULT-VALUE}.",
      defaultValue = "20000")
  private int frames;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
  private Path json;

  @Override
  public Integer call() throws Exception {
    if (sizes.stream().anyMatch(size -> size < LEAST_SIZE || size > MOST_SIZE)) {
      throw usage("--sizes must be between %d and %d".formatted(LEAST_SIZE, MOST_SIZE));
    }
    if (samples < 1 || frames < 1) {
      throw usage("--samples and --frames must be at least 1");
    }
    if (!Processes.isRoot()) {
      throw usage("this needs root, for a network of its own: sudo ./outboard bench vxlan");
    }
    List<VxlanBench.Result> results = new VxlanBench(samples, frames).run(sizes);
    PrintWriter out = spec.commandLine().getOut();
    out.print(text(results));
    out.flush();
    if (json != null) {
      Files.writeString(json, json(results));
    }
    return 0;
  }

  private static String text(List<VxlanBench.Result> results) {
    StringBuilder text =
        new StringBuilder(
            "DIRECTION  ARM                 BYTES   ns CPU/frame p50   p25-p75       k frames/CPU s\n");
    for (VxlanBench.Result result : results) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-10s %-18s %6d %18.0f   %5.0f-%-6.0f %14.0f%n",
              result.direction(),
              result.arm(),
              result.frameBytes(),
              nanos(result, 0.5),
              nanos(result, 0.25),
              nanos(result, 0.75),
              1e6 / nanos(result, 0.5)));
    }
    return text.toString();
  }

  private static double nanos(VxlanBench.Result result, double share) {
    long[] nanos = result.nanos().stream().mapToLong(Long::longValue).toArray();
    return Quantiles.at(nanos, share) / 1000.0;
  }

  private String json(List<VxlanBench.Result> results) throws Exception {
    ObjectNode root = Json.api().createObjectNode();
    ObjectNode host = root.putObject("host");
    host.put("cpus", Runtime.getRuntime().availableProcessors());
    host.put("kernel", System.getProperty("os.version"));
    host.put("java", Runtime.version().toString());
    root.put("samples", samples);
    ArrayNode list = root.putArray("arms");
    for (VxlanBench.Result result : results) {
      ObjectNode arm = list.addObject();
      arm.put("direction", result.direction());
      arm.put("arm", result.arm());
      arm.put("bytes", result.frameBytes());
      arm.put("cpu_ns_per_frame", nanos(result, 0.5));
      arm.put("frames_per_cpu_s", 1e9 / nanos(result, 0.5));
    }
    return Json.api().writeValueAsString(root) + "\n";
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
