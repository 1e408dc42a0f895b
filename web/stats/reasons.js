// What reasons and codes of docs/protocol.md mean to an operator, and what there is to do.

const BY_CLIENT = "The client’s developer has to mend it.";

export const DROPS = {
  frame_spare: ["An image that no time step needed.", "Normal: at 5 a second it is every third."],
  frame_surplus: ["An image that came faster than twice the rate asked for.", "The client is asked to slow down."],
  step_shed: ["A time step that could not begin in time.", "Normal now and then. Often: more replicas of the busiest pool."],
  audio_lost: ["A worker that read a sound died, or took more than 4 s.", "See the restarts of AudioFeatures, and its log."],
  face_lost: ["A worker that read an image died, took more than 4 s, or found it damaged.", "With BAD_IMAGE below: the client. Else see FaceFeatures."],
  prediction_lost: ["A worker of FeatureEngineering or Ensemble died, or took more than 4 s.", "See both pools’ restarts, and their logs."],
  modality_ended: ["Answered after the microphone or camera was switched off.", "Nothing: so it should be."],
  no_feature: ["A sound or face was there, but not read yet.", "Normal after a join. If it goes on: the pools are behind."],
  inbox_full: ["A socket sent more than its room took in time.", "The client bursts, or its room is slow: see CPU and room restarts."],
  room_away: ["Media for a room whose host was being replaced, or had just given it away.", "See the restarts of room hosts and rooms, and the log for the cause."],
  request_stale: ["Waited in a pool for longer than anybody waits for its answer.", "Replicas of the pool with the highest waiting P95."],
  events_full: ["An ingress replica took a room’s results too slowly.", "Add ingress replicas, or CPU where they run."],
  outbox_full: ["A client read its results too slowly.", "Nothing: its network, or its computer."],
};

export const ERRORS = {
  RESULT_LOST: ["A worker died, or did not answer within 4 s.", "See the pools: restarts, then depth and utilisation."],
  ROOM_RESTARTED: ["A room lost its host, or failed, and was begun anew.", "Once: nothing. Often: see memory, and the log."],
  INTERNAL: ["A fault of the service.", "The log has it. Report it."],
  ROOM_UNAVAILABLE: ["A room did not come up within 60 s.", "Ray has no place for it, or is stuck."],
  AT_CAPACITY: ["A replica has its sockets, a room its participants, or a room host more to do than it can.", "Add ingress replicas, or raise HOOVIK_ROOM__MAX_PARTICIPANTS."],
  REPLACED: ["Somebody joined twice under one name; the newest counts.", "Nothing. Often: a client reconnects where it should not."],
  UNAUTHORIZED: ["A token was missing, expired, or for something else.", "See who issues tokens: key, clock, claims."],
  CONSENT_REQUIRED: ["Media of somebody who has not agreed to be read.", "The client has to ask the person, and say so."],
  BAD_AUTH: ["A join was not understood.", BY_CLIENT],
  NOT_JOINED: ["Something came before the join.", BY_CLIENT],
  ALREADY_JOINED: ["A second join on one socket.", BY_CLIENT],
  UNKNOWN_EVENT: ["An event that the protocol does not have.", BY_CLIENT],
  BAD_MESSAGE: ["A message that does not fit its event.", BY_CLIENT],
  FORBIDDEN_PARTICIPANT: ["Media or state for somebody else, or from an observer.", "A faulty client, or somebody who tries."],
  BAD_AUDIO: ["Sound that is none.", "The client’s sample format or encoding."],
  AUDIO_TOO_LARGE: ["Sound beyond HOOVIK_AUDIO__MAX_BYTES.", "The client has to send shorter chunks."],
  BAD_IMAGE: ["Neither JPEG nor PNG, damaged or cut off.", "The client’s encoder."],
  IMAGE_TOO_LARGE: ["An image beyond HOOVIK_FACE__MAX_BYTES or HOOVIK_FACE__MAX_SIDE_PX.", "The client has to scale down."],
};
