#pragma once

#include <memory>
#include <vector>

#include "log_block.h"
#include "log_segment.h"
#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/delta/handlers.h"

namespace tarn::delta {

/// What is wanted of a checkpoint.
struct CheckpointWants {
  bool adds = true;
  bool removes = false;
  bool others = true;
};

/// Reads a checkpoint with its sidecars into one block. Errors: DELTA_LOG_CORRUPT,
/// DELTA_PATH_OUTSIDE_TABLE, those of the handlers.
Result<std::shared_ptr<LogBlock>> ReadCheckpoint(const RequestContext& ctx,
                                                 const Handlers& handlers,
                                                 std::string_view table_root,
                                                 const CheckpointFiles& checkpoint,
                                                 const CheckpointWants& wants, LogActions& actions);

/// The folder of sidecars, relative to the table's root.
inline constexpr std::string_view kSidecarDirectory = "_delta_log/_sidecars";

/// The names of a checkpoint's sidecars. Errors: as ReadCheckpoint.
Result<std::vector<std::string>> SidecarsOf(const RequestContext& ctx, const Handlers& handlers,
                                            std::string_view table_root,
                                            const CheckpointFiles& checkpoint);

/// The columns of a checkpoint as written by Tarn and asked for when reading.
DataType CheckpointAddType(bool statistics);
DataType CheckpointRemoveType();
DataType CheckpointMetadataType();
DataType CheckpointProtocolType();
DataType CheckpointTransactionType();
DataType CheckpointDomainType();

}  // namespace tarn::delta
