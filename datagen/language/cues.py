"""Words that open a clause or a property: cues, names of properties, pronouns, changes and asides, as tables."""

from . import lexicon as lex

CUES = {
    **dict.fromkeys(
        "the task fails,the task is failed,it fails,it is a failure,that is a failure,that counts as a failure,"
        "this is a failure,"
        "it counts as a failure,that counts as failure,it counts as failure,you lose,you fail,it is lost,the attempt fails,"
        "the episode fails,the run fails,it has failed,we lose,the test fails,the robot fails".split(","), "verdict_failure"),
    **dict.fromkeys(
        "the task succeeds,the task is done,it succeeds,it is a success,that is a success,that counts as a success,you win,"
        "it counts as a success,that counts as success,it counts as success,it is won,the episode succeeds,"
        "the task is complete,"
        "it is done,we win,the robot succeeds".split(","), "verdict_success"),
    **dict.fromkeys(
        "the task is to,the aim is to,the objective is to,your task is to,the job is to,the target is to,the aim is that,"
        "the aim is for,the task is for,the objective is that,the task is that,task is to,goal is to,"
        "success means that,success means,"
        "succeed once,succeed only if,succeeds only if,it succeeds if,it succeeds when,it works if,"
        "it is a success when,success is if,"
        "success only if,the task is complete when,the task is done if,the task is solved when,the task is solved if,"
        "i win if,you win if,"
        "we win if,you win when,we want,count it as a success if,count it as success if,success : ,success :,goal :,succeed :,"
        "the run succeeds if,the episode succeeds if,counts as success if,solved when,solved if,done when,success criterion :,"
        "such that,ensure that,ensure,in order that".split(","), "success"),
    **dict.fromkeys(
        "it is a failure when,failure means that,failure means,fails as soon as,fail as soon as,fail once,you lose if,"
        "you lose when,"
        "we lose if,it fails when,the task fails when,the episode fails if,the run fails if,failure :,fail :,"
        "failed if,fails once,"
        "count it as a failure if,counts as failure if,the task is failed if,i lose if,failure when".split(","), "failure"),
    **dict.fromkeys(
        "reward it for,a reward for,get,you get,give it,i get,award,earn,earns,you earn,it earns,it gets,"
        "the reward is,reward of,"
        "a reward of,score,you score,there is a reward for,grant,receive,receives,bonus of,a bonus of,bonus".split(","),
        "reward"),
    **dict.fromkeys(
        "penalty of,a penalty of,penalty,deduct,subtract,lose,loses,you lose,take off,a penalty for,"
        "there is a penalty for,minus,"
        "the penalty is,it loses".split(","), "penalty"),
    **{
        f"{who} {verb} {when}": role
        for role, verbs in (
            ("success", ("succeeds", "is successful", "is solved", "is complete", "is done", "is won")),
            ("failure", ("fails", "is lost", "is failed")),
        )
        for verb in verbs
        for who in ("the task", "the episode", "the run", "it", "the attempt", "the robot", "the trial", "this")
        for when in ("if", "when", "once", "only if", "as soon as")
    },
    **dict.fromkeys("what happens when,what would happen when,what will happen if,what will happen when,what happens once,"
                    "how about,what about if,what would happen,what about,imagine that,suppose that,and if,now suppose,"
                    "compare to,compare with the case where,in another branch,counterfactual :,alternatively".split(","),
                    "what_if"),
    **dict.fromkeys("must,should,may,has to,have to,shall,ought to,is supposed to,are supposed to,needs to,need to,"
    "might".split(","), "modal"),
    **dict.fromkeys("must not,should not,may not,shall not,has not to,is not allowed to,are not allowed to,mustn't,"
    "shouldn't,won't,"
                    "isn't,aren't,is not,are not,was not,were not,weren't,wasn't,can't,not to,nor".split(","), "not"),
    **dict.fromkeys("a second later,a moment later,shortly after,shortly afterwards,thereafter,and after that,followed by,"
                    "subsequently,and finally,after which,lastly,secondly,once that is done,"
                    "when that is done".split(","), "then"),
    **dict.fromkeys("the moment,the instant,whenever,just when,only when,only once,immediately when,right after,"
    "immediately after,"
                    "directly after".split(","), "when"),
    "exactly": "==", "precisely": "==", "only": "==", "fewer than": "<=", "no fewer than": ">=", "not more than": "<=",
    "not less than": ">=", "no less than": ">=", "under": "<=", "below": "<=", "above": ">=", "minimum": ">=", "maximum": "<=",
    "exceeds": ">=", "exceed": ">=", "beyond": ">=", "further": ">=", "by at least": ">=", "by more than": ">=",
    "by at most": "<=",
    "and so": "then", "so": "comma", "because": "comma", "although": "comma", "–": "comma", "—": "comma", "/": "comma",
    "setup :": "stop", "scene :": "stop", "action :": "stop", "actions :": "stop", "task :": "stop", "prompt :": "stop",
    "camera :": "camera", "view :": "camera", "viewed :": "camera", "camera": "camera", "from a camera": "camera",
    "filmed by a camera": "camera", "view it from": "camera", "look from": "camera", "as seen from": "camera",
    "duration :": "record", "duration": "record", "for a total of": "record", "simulate": "record",
    "what happens to": "shown", "what if": "what_if", "what would happen if": "what_if",
    "what happens if": "what_if", "suppose": "what_if",
    "and what if": "what_if", "compare with": "what_if", "how about if": "what_if",
    "succeed if": "success", "succeeds if": "success", "success if": "success", "success is when": "success",
    "success when": "success", "the goal is that": "success",
    "the goal is to": "success", "the goal is for": "success", "goal is that": "success", "so that": "success",
    "until it succeeds": "success", "it is a success if": "success", "the task is done when": "success",
    "succeed when": "success", "succeeds when": "success", "the task succeeds when": "success",
    "the task succeeds if": "success", "it counts as success if": "success", "make sure that": "success",
    "make sure": "success", "keep": "keep",
    "fail if": "failure", "fails if": "failure", "failure if": "failure", "it fails if": "failure",
    "the task fails if": "failure", "fail when": "failure", "it is a failure if": "failure",
    "failure is when": "failure", "fails when": "failure",
    "give": "reward", "reward": "reward", "give a reward": "reward", "penalize": "penalty", "penalise": "penalty",
    "punish": "penalty",
    "for": "for", "for every": "each", "for each": "each", "every time": "when", "with a penalty for": "penalty",
    "with a reward for": "reward",
    "then": "then", "and then": "then", "after that": "then", "afterwards": "then", "next": "then", "finally": "then",
    "later": "later", "after a delay of": "after", "without any": "without", "with no": "without",
    "first": "first", "at the same time": "while", "simultaneously": "while",
    "stop when": "until", "stops when": "until", "stop once": "until", "stop as soon as": "until", "stopping when": "until",
    "when": "when", "once": "when", "as soon as": "when", "until": "until", "while": "while", "without": "without",
    "after": "after", "before": "before", "if": "if", "but": "but", "unless": "unless",
    "and": "and", ",": "comma", ".": "stop", ";": "stop", "!": "stop", "?": "stop", ":": "stop", "never": "not",
    "not": "not", "don't": "not", "doesn't": "not", "does not": "not", "do not": "not", "must not": "not",
    "should not": "not", "cannot": "not", "no longer": "not", "at least": ">=", "at most": "<=", "more than": ">=",
    "less than": "<=", "over": "over", "no more than": "<=", "faster than": ">=", "slower than": "<=",
    "higher than": ">=", "lower than": "<=", "farther than": ">=", "further than": ">=", "up to": "<=",
    "film from": "camera", "filmed from": "camera", "film it from": "camera", "seen from": "camera",
    "viewed from": "camera", "camera from": "camera", "with the camera": "camera", "the camera looks from": "camera",
    "recorded from": "camera", "watch from": "camera", "shot from": "camera", "view from": "camera",
    "the camera is": "camera", "watch it from": "camera", "looking from": "camera", "show it from": "camera",
    "record": "record", "run": "record", "last": "record", "lasting": "record", "recorded": "record",
    "simulate for": "record", "film": "record",
}  # fmt: skip
NAMED = {"diameter": "diameter", "radius": "radius", "height": "height", "width": "width", "length": "length", "mass": "mass",
         "weight": "mass", "thickness": "thickness", "friction": "friction", "slope": "angle", "angle": "angle", "side": "side",
         "restitution": "restitution", "density": "density", "size": "side", "spacing": "spacing", "gap": "spacing",
         "speed": "speed", "inclination": "angle", "sides": "side", "bounciness": "restitution",
         "force": "force", "impulse": "force", "strength": "force"}  # fmt: skip
PRONOUNS = {"it", "they", "them", "itself", "everything", "both", "all"}
CONDITIONAL = set("success failure when until without what_if if reward penalty keep after before unless".split())
ASIDES = set(
    "head - on,at once,right away,all at once,in total,in all,at first,by itself,on its own,of course,at all,"
    "for example,as well,"
    "for me,at the beginning,for instance,if possible,e . g,in the beginning,in the scene,in front of us,in the world,"
    "per second of,"
    "thank you,in this experiment,in this scene,in this video,in this episode,in this simulation,in the experiment,"
    "spaced,how does,how do,how will,"
    "behave when,behaves when,react when,reacts when,see how,show how,with dimensions of,with dimensions,dimensions,"
    "starting,beginning,as on earth,as on the earth,than on earth,for a while,all the way,on purpose,as usual,"
    "this time,in this case,of them,as follows".split(","))  # fmt: skip
"""Turns that say nothing about the scene."""
FACTORS = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "triple": 3.0, "tripled": 3.0, "half": 0.5, "halved": 0.5}
CHANGES = {
    "missing": "missing", "removed": "missing", "gone": "missing", "absent": "missing", "friction": "friction",
    "gravity": "gravity", "nobody": "nobody", "nothing": "nobody",
}  # fmt: skip
PLACES = {
    f"{lead}{name}": value
    for lead in ("on the ", "on ", "in the ", "in ", "under ", "with ")
    for name, value in lex.GRAVITIES.items()
}
PROPERTIES = NAMED | {
    "weighing": "mass", "weighs": "mass", "weigh": "mass", "coefficient of friction": "friction",
    "friction coefficient": "friction",
    "edge length": "side", "side length": "side", "edges": "side", "edge": "side", "starting height": "height",
    "drop height": "height",
    "starting speed": "speed", "initial speed": "speed", "initial velocity": "speed",
    "velocity": "speed", "distance between them": "spacing",
    "coefficient of restitution": "restitution", "restitution coefficient": "restitution", "tilt": "angle",
    "total mass": "mass",
    "measuring": "side", "measures": "side", "altitude": "height", "rate": "speed", "spacings": "spacing", "gaps": "spacing",
    "weighed": "mass", "blow": "force", "push": "force", "kick": "force", "shove": "force", "knock": "force",
    "hit": "force", "pull": "force",
    "volume": "volume", "capacity": "volume", "amplitude": "angle", "wall to wall": "width", "sized": "side",
}  # fmt: skip
QUICK = {"quick", "short", "sharp", "single", "sudden"}
BLOWS = {"blow", "push", "kick", "shove", "knock", "hit", "pull"}
LEADS = set("with a an the of has have had having in at from by its whose their random constant total initial steady that is "
            "and varying fixed uniform".split()) - {"and"}  # fmt: skip
LINKS = set("of that is which are : = each was about".split()) - {"about"}
