#pragma once

#include <string>

#include "tarn/delta/action.h"

namespace tarn::delta {

// Each appends one line of a commit file, newline included, in the form that Spark writes.
// Source: Delta protocol, "Actions".
void AppendAction(const Protocol& protocol, std::string& out);
void AppendAction(const Metadata& metadata, std::string& out);
void AppendAction(const AddFile& add, std::string& out);
/// The `cdc` action.
void AppendChangeFile(const AddFile& file, std::string& out);
void AppendAction(const RemoveFile& remove, std::string& out);
void AppendAction(const SetTransaction& txn, std::string& out);
void AppendAction(const DomainMetadata& domain, std::string& out);
void AppendAction(const CommitInfo& info, std::string& out);

// The object of an action alone, without its name and newline.
void AppendObject(const Protocol& protocol, std::string& out);
void AppendObject(const Metadata& metadata, std::string& out);
void AppendObject(const SetTransaction& txn, std::string& out);
void AppendObject(const DomainMetadata& domain, std::string& out);

}  // namespace tarn::delta
