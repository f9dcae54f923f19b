"""The classes of endpoints' errors, as a table: the first matching rule applies.

Each pattern has providers' codes first, then the sentences that relays pass on. What is in none
of them is understood by its words: ``meanings.toml`` has them, rules with a ``meaning`` apply it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from nbext import errors
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from nbext.wire.meanings import Meaning


def _words(*patterns: str) -> re.Pattern[str]:
    return pattern("|".join(patterns), re.IGNORECASE)


# Refusals because of content. Providers' codes, then the sentences that relays pass on.
_MODERATION = _words(
    r"moderation",
    r"prompt_blocked",
    r"prohibited[_ ]content",
    r"content[_ ]?policy",
    r"content[_ ]?filter",
    r"policy[_ ]violation",
    r"safety[_ ](system|check|filter)",
    # The codes of Runway, and of Google's Imagen.
    r"\bsafety\.(input|output)",
    r"support codes?:",
    r"responsible ai",
    r"banned (prompt|word)",
    r"\b(ai )?moderat(or|ed)\b",
    r"guardrails?",
    r"blocked by .{0,40}safety",
    r"image_safety",
    r"sensitive[_ ]words?",
    r"sensitive",
    r"content.{0,20}blocked",
    r"(violat|against)\w*.{0,60}(polic|guideline|terms)",
    r"risk.{0,20}not pass",
    r"risk control",
    r"нарушает",
    r"модераци",
    r"nsfw",
    r"flagged",
    r"inappropriate",
    r"data_?inspection",
    r"отклон[её]н\w*.{0,60}(безопасност|фильтр)",
    r"политик\w* (безопасности|контента)",
    r"(ポリシー|ガイドライン|規約).{0,20}違反",
    r"不適切",
    r"위반",
    r"부적절",
    r"敏感",
    r"不适当的?内容",
    r"不合规",
    r"风控",
    r"涉政|涉黄|色情",
    r"审核(未|不)通过",
    r"内容政策",
    r"内容审核",
    r"内容安全",
    r"防护限制",
    r"违规",
    r"安全政策",
    r"安全策略",
    r"(prompt|response|request|content|image)s? (was |were |is |has been |have been )?blocked",
    r"not compliant",
    r"content[_ ]?violation",
    r"\bcensored\b",
    r"unsafe[_ ](content|generation|image|prompt|input|output)|\A\s*unsafe\s*\Z",
    r"违禁|違禁|违法|違規|不雅|低俗|真人|肖像权|侵犯?.{0,4}版权",
    r"(未|不|无法|無法)(能)?通[过過].{0,8}[审審][核查]",
    r"[审審][核查].{0,6}(未|不|无法|無法)通[过過]",
    r"違反.{0,12}(規範|規定|政策|條款|準則)",
    r"公序良俗|未成年",
    r"(forbidden|prohibited|disallowed|banned) (word|term|content|prompt|keyword)s?",
    r"trademark|copyright(ed)? (character|material|content|work)|infring",
    r"public figures?|celebrit(y|ies)|real (people|persons?)\b",
    r"위배|유해한?|선정적",
    # French, German, Spanish, Portuguese, Italian.
    r"(enfreint|contraire à|viol[ea]|verstößt gegen|infring[ei]|infrange).{0,40}"
    r"(politi\w+|règles|richtlinien|nutzungsbedingungen|normas|condi\w+|regole|diretrizes)",
)
QUOTA = _words(
    r"insufficient[_ ](user_|account_)?(quota|balance|credits?|funds)",
    r"(balance|credits?)[_ ]?(is |are |has been |have been )?"
    r"(insufficient|exhausted|not enough|used up|too low)",
    r"exhausted balance",
    r"not[_ ]enough[_ ](api )?(tokens|credits?|balance|units)",
    r"(doesn't|does not|don't) have (any|enough) (credits?|balance|funds)",
    r"overdue",
    r"used up (your|the) .{0,20}(allocation|allowance|quota|credits?)",
    r"exceeded your .{0,20}(credits?|allowance)",
    r"free ?tier.{0,40}(exhausted|only\b)",
    r"setlimitexceeded",
    r"充值",
    r"pre_consume_token_quota_failed",
    r"exceeded your current quota",
    r"quota (is |has been |was )?(exceeded|exhausted|used up)"
    r"(?!.{0,60}(per |minute|second|rate|concurren))",
    r"spend(ing)? (limit|cap)",
    r"quota_?(reached|exceeded|exhausted)\b",
    r"quota.{0,60}been (exhausted|consumed|used up)|consumed all .{0,20}(quota|credits?)",
    r"(no|out of|run out of) (more )?(credits?|balance)\b",
    r"billing_hard_limit",
    r"credit balance is too low",
    r"TokenStatusExhausted",
    # LiteLLM's budgets: a student's, a team's, a key's.
    r"budget_exceeded",
    r"budget has been exceeded",
    r"exceeded\w{0,20}budget",
    r"额度不足",
    r"额度失败",
    r"额度.{0,6}(不足|用完|用尽|耗尽)",
    r"(余额|积分|点数).{0,4}不足",
    r"arrearage",
    r"account is in good standing",
    r"(残高|クレジット|ポイント).{0,6}不足",
    r"잔액.{0,6}부족",
    r"saldo insufficiente|saldo insuficiente|crédits? insuffisants?",
    r"欠费",
    r"недостаточно средств",
    r"баланс.{0,20}(исчерпан|недостат)",
    r"недостаточно.{0,20}(средств|кредит|баланс|токен)",
    r"(средств|кредит|баланс)\w*.{0,20}(не хватает|закончил|исчерпан)",
    r"(크레딧|포인트|잔액|잔고|토큰).{0,8}(부족|소진|없습니다)",
    r"guthaben.{0,30}(aufgebraucht|erschöpft|reicht nicht|zu niedrig)|nicht genügend guthaben",
    # French, Spanish, Portuguese, Italian: the same words in either order.
    r"\b(cr[ée]di\w+|sald[oi]|solde|fon[dt]\w+)\b.{0,20}(insuf+i[cz]ient|épuisé|agotad|esgotad|esaurit)",
    r"insuf+i[cz]ient\w*.{0,20}\b(cr[ée]di\w+|sald[oi]|solde|fon[dt]\w+)",
    r"yetersiz (bakiye|kredi)|(bakiye|kredi)\w*.{0,10}yetersiz",
    r"số dư.{0,10}không đủ|không đủ.{0,10}(số dư|tín dụng)",
    r"(saldo|kredit).{0,10}(tidak (men)?cukup|habis)",
    r"niewystarczając\w+.{0,10}(środk|sald|kredyt)|brak środków",
    r"(額度|餘額|点数|點數|积分|積分|套餐|次数|次數|资源包).{0,6}(不足|用完|用尽|用盡|耗尽|耗盡)",
    r"(算力|点数|點數|积分|積分|余额|餘額).{0,4}(不够|不夠|为零|為零)|wallet (is )?empty",
    r"续费|續費|儲值|(?<!暂)停服|套餐.{0,4}(到期|过期)",
    r"nedostate\w+ .{0,10}(kredit|zůstat|prostřed)|недостатньо .{0,10}(кошт|кредит)",
    r"(เครดิต|ยอดเงิน)\S{0,12}ไม่(เพียง)?พอ|(الرصيد|رصيدك).{0,12}(غير كاف|نفد)|אין מספיק (קרדיט|יתרה)",
    r"key limit exceeded",
    r"(free|trial).{0,20}limit|trial (has )?(ended|expired)",
    r"quota exceeded.{0,20}balance",
    r"payment required",
    r"top[ _-]?up",
)
BUSY = _words(
    r"upstream_load_saturated",
    r"rate_limit",
    r"too many requests",
    r"resource_exhausted",
    r"overloaded",
    r"负载已饱和",
    r"每分钟最多",
    r"队列已满",
    r"queue is full",
    r"请求过于频繁",
    r"稍后(再试|尝试|重试)",
    r"频率过高",
    r"\b(qps|rpm|tpm)\b",
    r"并发",
    r"throttl",
    r"rate limit",
    r"(api|request|concurren\w+|daily|hourly|minute).{0,12}limit\b",
    r"too many (concurrent|parallel|tasks|jobs)",
    r"(maximum|at|over) capacity",
    r"call frequency",
    r"\b(server|service|system)s? (is |are )?(too |very )?busy",
    r"排队人数|排隊人數|流控|限流|頻率過高|過於頻繁",
    r"лимит (запрос|обращ)|слишком много|попробуйте (позже|снова)",
    r"요청이 (너무 )?많|잠시 후|한도.{0,8}초과",
    r"(利用|使用|リクエスト|回数)\w{0,4}(上限|制限)|(上限|制限)に達し|しばらく(して|経って|待って|お待ち)",
    r"zu viele anfragen|trop de requêtes|demasiad[ao]s (solicitudes|peticiones)"
    r"|muitas (solicitações|requisições)|troppe richieste|zbyt wiele (zapytań|żądań)"
    r"|забагато|спробуйте (пізніше|ще раз)|příliš mnoho|för många"
    r"|for mange (forespørsler|anmodninger)"
    r"|คำขอมากเกินไป|طلبات كثيرة|请勿重复提交|任务正在进行"
    r"|te veel verzoeken|çok fazla istek|quá nhiều yêu cầu|terlalu banyak permintaan",
)
# A number of pictures a day is no balance, even where it is "used up".
_A_DAY = _words(
    r"(今日|今天|每日|每天|当日|本日).{0,12}(次数|次數|额度|額度|上限|限额|限額)",
    r"(daily|per[- ]day|today'?s) .{0,30}(limit|quota|allowance).{0,30}(reached|exceeded|used)",
    r"reached (your|the) daily",
)
# The whole endpoint is down on purpose.
_MAINTENANCE = _words(
    r"under(going)? maintenance|maintenance (mode|window)|维护中|系统维护|系統維護|メンテナンス"
    r"|점검 중|обслуживани|wartungsarbeiten|en mantenimiento|en maintenance|em manutenção",
)
# The account itself is shut, whatever it did.
_SHUT = _words(
    r"account_deactivated",
    r"access was terminated",
    r"resource has been (temporarily )?blocked",
    r"account.{0,40}\b(deactivated|suspended|banned|terminated|frozen)\b",
    r"(账号|账户|帐号|帳號|帳戶).{0,10}(封禁|被封|停用|冻结|凍結|禁用)",
    r"аккаунт.{0,20}(заблокирован|приостановлен)",
)
_NO_MODEL = _words(
    r"model_not_found",
    # The parameter, which is the last of the words.
    r"(?<! )\smodel \Z",
    r"无可用渠道",
    r"no available channel",
    r"models?[ /].{0,200}(does not exist|not found|not exist|is not supported|not available)",
    r"(unknown|invalid|unsupported|no such|unable to access)[_ ]model\b",
    r"deployment.?not.?found",
    r"\b(engine|checkpoint) .{0,60}(not found|does not exist)",
    r"not activated the model",
    r"模型.{0,200}(不存在|未找到|不支持)",
    r"no healthy (deployments?|upstream) ",
    r"no deployments? (available|found)",
    r"no endpoints? found",
    r"no (allowed )?providers?.{0,40}(found|available)",
    r"no 'model_name' with this",
    r"not a valid model",
    r"model .{0,60}(deprecated|retired|decommissioned|discontinued|been removed|shut down)",
    r"模型.{0,80}(下线|下架|未开放|停用|不可用)",
    r"модел\w{0,3}.{0,80}(не найден|не существует|не поддерж|недоступн)",
    r"モデル.{0,40}(見つかりません|存在しません|利用できません|対応していません)",
    r"모델.{0,40}(찾을 수 없|존재하지 않|지원하지 않|지원되지 않)",
    # German, French, Spanish, Portuguese, Italian.
    r"\bmod(ell|èle|elo|ello)\b.{0,80}(nicht (gefunden|verfügbar)|introuvable|n'existe pas"
    r"|no (existe|encontrado|disponible)|não (existe|encontrado|disponível)|non (esiste|trovato))",
)
_NO_ACCESS = _words(
    r"无权访问",
    r"no access to",
    r"access_denied",
    r"permission",
    r"not allowed",
    r"ip.{0,20}(not allowed|白名单)",
)
_MODEL_OF_KEY = _words(
    r"not allowed to access model",
    r"can only access models",
    r"not authorized to (access|use).{0,30}\bmodel",
    r"无权(访问|使用).{0,6}模型",
)
# A limit of the moment whose words are those of an allowance, or of a missing model.
_FOR_NOW = _words(r"\bthrottling\b", r"cooldown", r"no deployments available.{0,60}try again in")
# A country, in which the endpoint does not answer.
_PLACE = _words(
    r"(location|country|region|territory).{0,30}(not |un)(supported|available|allowed)",
    r"(not |un)(supported|available|allowed)\b.{0,24}(location|country|region|territory)",
    r"(国家|地区).{0,10}(不支持|不可用|限制)",
)
_BAD_KEY = _words(
    r"login fail",
    r"missing authentication",
    r"invalid[_ ](api[_ ]?key|token)",
    r"incorrect api key",
    r"api[_ ]key[_ ](invalid|not valid)",
    r"api key not valid",
    r"api ?key.{0,12}(不存在|无效|错误|失效)",
    r"(密钥|令牌).{0,8}(无效|错误|不存在|失效)",
    r"无效的令牌",
    r"令牌已过期",
    r"令牌状态不可用",
    r"access token (is )?(invalid|no longer valid)|token (is )?invalid",
    r"key was reported|leaked",
    r"\bunauthenticated\b|authentication (is )?(invalid|failed)|(token|key) is not valid",
    r"卡密.{0,6}(失效|无效|不存在)|(金鑰|密鑰).{0,8}(無效|錯誤|失效)",
    r"неверн\w+ .{0,12}(ключ|токен)|(ключ|токен)\w*.{0,20}(недействител|неверн)",
    r"(キー|トークン).{0,10}(無効|不正|正しくあり)",
    r"(유효하지|잘못된|올바르지).{0,12}(키|토큰)|(키|토큰).{0,8}(유효하지|올바르지)",
    r"\b(schlüssel|clé|clave|chave|chiave)\b.{0,20}(ungültig|in?v[aá]lid|non valid|não é válid)",
    r"ungültige\w* .{0,12}schlüssel|anahtar\w*.{0,12}geçersiz",
)
_EXPIRED = _words(r"过期", r"expired")
_FOR_SALE = _words(
    r"payment|purchase|subscribe|upgrade|\bbuy\b|recharge|billing|充值|购买|購買|升级|付费"
    r"|пополн|оплат|купит|購入|有料|課金|결제|구매|충전|compr|pagar|kaufen|acheter",
)
_UPSTREAM_TROUBLE = _words(r"do_request_failed", r"empty_response", r"bad_response")
# A proxy's statuses after waiting for an endpoint in vain.
GATEWAY_TIMEOUTS = frozenset({408, 504, 522, 524})
_GATEWAY = frozenset({502, 504, *range(520, 525)})
_UPSTREAM = _words(r"上游", r"upstream")
_STREAM = _words(r"\bstream(ing|ed)?\b", r"partial_images", r"流式")
_UNKNOWN = _words(r"unknown", r"un-?supported", r"not support", r"unrecogni[sz]ed", r"不支持")
_SIGNATURE = _words(r"thought_?signature")
# Statuses of refusals whose meaning only the words tell; 401, 402 and 429 have their own.
_CLIENT_ERRORS = frozenset({200, *range(400, 500)}) - {401, 402, 408, 429}


class ErrorRule(NamedTuple):
    """Maps answers to an error.

    The texts are in ``messages/rule.py``. There ``{where}`` is the endpoint, ``{quote}`` its
    message, ``{status}`` the message or the HTTP status; ``error_classes.py`` lists all values.

    Attributes:
        name: For tests.
        error: The error's class.
        message: The name of the message that describes the error.
        remedy: The name of the message with the remedy; may be empty.
        statuses: HTTP statuses, empty for any.
        words: A pattern for code, kind and message, None for any.
        also: A second pattern that must match too.
        billed: Whether the endpoint may have billed the request.
        plain: Whether the body must not be a JSON object with a message; None for either.
        sent: A field that the request must have.
        meaning: What the message must mean by the table of words; empty for anything.
    """

    name: str
    error: type[errors.RequestError]
    message: str
    remedy: str = ""
    statuses: frozenset[int] = frozenset()
    words: re.Pattern[str] | None = None
    also: re.Pattern[str] | None = None
    billed: bool = False
    plain: bool | None = None
    sent: str = ""
    meaning: Meaning = ""


RULES: tuple[ErrorRule, ...] = (
    ErrorRule(
        "maintenance",
        errors.ServerError,
        "down",
        "later",
        frozenset({200, 503, *range(400, 500)}),
        _MAINTENANCE,
    ),
    ErrorRule(
        "redirect",
        errors.NotAnEndpointError,
        "redirects",
        "follow_redirect",
        frozenset(range(300, 400)),
    ),
    # A limit of nothing is no limit of the moment: the key's plan does not include the model.
    ErrorRule(
        "google's plan",
        errors.QuotaError,
        "balance",
        "add_balance",
        frozenset({429}),
        _words(r"\blimit: 0\b"),
    ),
    # Google's "quota" is a limit of requests per minute if this status is given.
    ErrorRule(
        "google's rate limit",
        errors.RateLimitError,
        "many_requests",
        "again_when",
        frozenset({429}),
        _words("RESOURCE_EXHAUSTED"),
    ),
    ErrorRule(
        "limit of the moment",
        errors.RateLimitError,
        "many_requests",
        "again_when",
        frozenset({429}),
        _FOR_NOW,
    ),
    ErrorRule(
        "limit of the day",
        errors.RateLimitError,
        "many_requests",
        "again_when",
        frozenset({200, 400, 403, 429}),
        _A_DAY,
    ),
    ErrorRule(
        "overloaded",
        errors.RateLimitError,
        "at_limit",
        "again_when",
        frozenset({529}),
    ),
    # Two request ids in one message: the refusal comes from a relay behind the relay, so the
    # balance is the relay's own.
    ErrorRule(
        "upstream's balance",
        errors.QuotaError,
        "upstream_balance",
        "not_your_balance",
        frozenset({200, 400, 401, 402, 403, 429, 500, 503}),
        QUOTA,
        _UPSTREAM,
    ),
    ErrorRule(
        "balance",
        errors.QuotaError,
        "balance",
        "add_balance",
        frozenset({200, *range(400, 500), 500, 503}) - {402},
        QUOTA,
    ),
    ErrorRule(
        "upstream's balance, by its meaning",
        errors.QuotaError,
        "upstream_balance",
        "not_your_balance",
        frozenset({*_CLIENT_ERRORS, 500, 503}),
        also=_UPSTREAM,
        meaning="balance",
    ),
    ErrorRule(
        "balance, by its meaning",
        errors.QuotaError,
        "balance",
        "add_balance",
        frozenset({*_CLIENT_ERRORS, 500, 503}),
        meaning="balance",
    ),
    # A limit that money lifts is none of the moment.
    ErrorRule(
        "limit that is for sale",
        errors.QuotaError,
        "balance",
        "add_balance",
        frozenset({429}),
        also=_FOR_SALE,
        meaning="balance",
    ),
    ErrorRule(
        "payment",
        errors.QuotaError,
        "balance",
        "add_balance",
        frozenset({402}),
    ),
    # Status 401 concerns the key, whatever the message says, unless an allowance is used up.
    ErrorRule(
        "model of the key",
        errors.AccessError,
        "key_without_model",
        "models_of_key",
        frozenset({400, 401, 403}),
        _MODEL_OF_KEY,
    ),
    ErrorRule(
        "expired key",
        errors.AuthenticationError,
        "key_expired",
        "correct_key",
        frozenset({200, 400, 401, 403}),
        _words(r"(key|token|令牌).{0,40}(expired|过期)", r"(expired|过期).{0,40}(key|token|令牌)"),
    ),
    ErrorRule(
        "key",
        errors.AuthenticationError,
        "key_refused",
        "correct_key",
        frozenset({401}),
    ),
    ErrorRule(
        "key, by its words",
        errors.AuthenticationError,
        "key_refused",
        "correct_key",
        frozenset({200, 400, 403}),
        _BAD_KEY,
    ),
    ErrorRule(
        "lost signature",
        errors.BadRequestError,
        "lost_signature",
        "draw_anew",
        frozenset({400, 500}),
        _SIGNATURE,
    ),
    ErrorRule(
        "account",
        errors.AccessError,
        "account_shut",
        "ask_support",
        frozenset({200, 400, 403}),
        _SHUT,
    ),
    ErrorRule(
        "moderation",
        errors.ModerationError,
        "refused_content",
        "rephrase",
        frozenset(range(200, 600)) - {429},
        _MODERATION,
    ),
    ErrorRule(
        "stream only",
        errors.BadRequestError,
        "stream_only",
        "ask_stream",
        words=_words("non_streaming_disabled"),
    ),
    ErrorRule(
        "place",
        errors.AccessError,
        "refused",
        "other_place",
        frozenset({200, 400, 403, 451}),
        _PLACE,
    ),
    ErrorRule(
        "address of this machine",
        errors.AccessError,
        "not_allowed",
        "allow_address",
        frozenset({403}),
        _words(r"\bip\b", r"access_denied", r"白名单"),
    ),
    ErrorRule(
        "group of the key",
        errors.AccessError,
        "not_allowed",
        "allow_group",
        frozenset({403}),
        _NO_ACCESS,
        _words("分组", "group"),
    ),
    ErrorRule(
        "access, by its words",
        errors.AccessError,
        "not_allowed",
        "allow_access",
        frozenset({403}),
        _NO_ACCESS,
    ),
    ErrorRule(
        "model",
        errors.ModelError,
        "no_model",
        "models_lists",
        frozenset({200, 400, 403, 404, 410, 422, 429, 500, 503}),
        _NO_MODEL,
    ),
    ErrorRule(
        "verification",
        errors.AccessError,
        "unverified",
        "verify_account",
        _CLIENT_ERRORS,
        meaning="verification",
    ),
    ErrorRule(
        "account, by its meaning",
        errors.AccessError,
        "account_shut",
        "ask_support",
        _CLIENT_ERRORS,
        meaning="account",
    ),
    ErrorRule(
        "key, by its meaning",
        errors.AuthenticationError,
        "key_refused",
        "correct_key",
        _CLIENT_ERRORS,
        meaning="key",
    ),
    ErrorRule(
        "place, by its meaning",
        errors.AccessError,
        "refused",
        "other_place",
        _CLIENT_ERRORS,
        meaning="place",
    ),
    ErrorRule(
        "model, by its meaning",
        errors.ModelError,
        "no_model",
        "models_lists",
        frozenset({*_CLIENT_ERRORS, 500, 503}),
        meaning="model",
    ),
    ErrorRule(
        "content, by its meaning",
        errors.ModerationError,
        "refused_content",
        "rephrase",
        frozenset({*_CLIENT_ERRORS, *range(500, 600)}),
        meaning="content",
    ),
    ErrorRule(
        "length of the prompt",
        errors.BadRequestError,
        "not_accepted",
        "shorter_prompt",
        frozenset({*_CLIENT_ERRORS, 500}),
        meaning="prompt_length",
    ),
    ErrorRule(
        "size of a picture",
        errors.BadRequestError,
        "not_accepted",
        "smaller_references",
        frozenset({*_CLIENT_ERRORS, 500}),
        meaning="picture_size",
    ),
    ErrorRule(
        "option",
        errors.BadRequestError,
        "not_accepted",
        "check",
        frozenset({200}),
        meaning="parameter",
    ),
    ErrorRule(
        "maintenance, by its meaning",
        errors.ServerError,
        "down",
        "later",
        frozenset({200, *range(500, 504)}),
        meaning="maintenance",
    ),
    # Where the endpoint stopped waiting for its own provider, the picture may still be made.
    ErrorRule(
        "timeout behind it",
        errors.TimedOutError,
        "upstream_timeout",
        "check_log",
        frozenset({200, 500, 502}),
        billed=True,
        meaning="timeout",
    ),
    ErrorRule(
        "no such address",
        errors.NotAnEndpointError,
        "no_address_status",
        "check_v1",
        frozenset({404, 405}),
        plain=True,
    ),
    ErrorRule(
        "no such path",
        errors.NotAnEndpointError,
        "no_address",
        "check_v1_via",
        frozenset({404, 405}),
        _words(r"invalid url", r"no (such )?route", r"path .{0,80}(not|does)", r"not exist"),
    ),
    ErrorRule(
        "not there",
        errors.BadRequestError,
        "not_there",
        "other_via",
        frozenset({404, 405}),
    ),
    ErrorRule(
        "task refused",
        errors.RateLimitError,
        "job_refused",
        "again_or_other",
        frozenset({424}),
    ),
    ErrorRule(
        "upstream's limit",
        errors.RateLimitError,
        "at_limit",
        "again_when",
        frozenset({429}),
        also=_UPSTREAM,
    ),
    ErrorRule(
        "limit",
        errors.RateLimitError,
        "many_requests",
        "again_when",
        frozenset({429}),
    ),
    ErrorRule(
        "upstream's limit, by its words",
        errors.RateLimitError,
        "at_limit",
        "again_when",
        frozenset({200, 403, 500, 503}),
        BUSY,
        _UPSTREAM,
    ),
    ErrorRule(
        "limit, by its words",
        errors.RateLimitError,
        "many_requests",
        "again_when",
        frozenset({200, 403, 500, 503}),
        BUSY,
    ),
    ErrorRule(
        "limit, by its meaning",
        errors.RateLimitError,
        "many_requests",
        "again_when",
        frozenset({*_CLIENT_ERRORS, 500, 503}) - {404},
        meaning="busy",
    ),
    ErrorRule(
        "access",
        errors.AccessError,
        "not_allowed_status",
        "allow_access",
        frozenset({403}),
    ),
    ErrorRule(
        "mask's size",
        errors.BadRequestError,
        "not_accepted",
        "mask_size",
        frozenset({400, 415, 422}),
        _words(r"\bmask\b[^.]{0,80}\b(?:size|dimensions|resolution)|\bmask dimensions"),
        sent="mask",
    ),
    ErrorRule(
        "mask's transparency",
        errors.BadRequestError,
        "not_accepted",
        "mask_transparent",
        frozenset({400, 415, 422}),
        _words(r"\bmask\b[^.]{0,80}\b(?:alpha|transparen|rgba)"),
        sent="mask",
    ),
    ErrorRule(
        "mask",
        errors.BadRequestError,
        "not_accepted",
        "without_mask",
        frozenset({400, 415, 422}),
        _words(r"\bmask"),
        sent="mask",
    ),
    ErrorRule(
        "stream",
        errors.BadRequestError,
        "not_accepted",
        "one_piece",
        frozenset({400, 409, 415, 422}),
        _STREAM,
        _UNKNOWN,
    ),
    ErrorRule(
        "unknown parameter",
        errors.BadRequestError,
        "not_accepted",
        "leave_out",
        frozenset({400, 409, 411, 415, 422}),
        _words(r"unknown[_ ]parameter"),
    ),
    ErrorRule(
        "too large",
        errors.BadRequestError,
        "not_accepted",
        "smaller_references",
        frozenset({413}),
    ),
    ErrorRule(
        "parameter",
        errors.BadRequestError,
        "not_accepted",
        "check",
        frozenset({400, 409, 411, 414, 415, 422}),
    ),
    ErrorRule(
        "request that could not be built",
        errors.BadRequestError,
        "not_accepted",
        "check",
        words=_words("build_request_failed"),
    ),
    ErrorRule(
        "timeout",
        errors.TimedOutError,
        "proxy_timeout",
        "stream_keeps",
        GATEWAY_TIMEOUTS,
        billed=True,
    ),
    ErrorRule(
        "failure with a mask",
        errors.ServerError,
        "failed",
        "without_mask_log",
        frozenset({500, 502}),
        billed=True,
        sent="mask",
    ),
    ErrorRule(
        "failure behind it",
        errors.ServerError,
        "bad_upstream",
        "check_log",
        frozenset(range(500, 600)) - {501, 503, 505},
        _UPSTREAM_TROUBLE,
        billed=True,
    ),
    ErrorRule(
        "failure",
        errors.ServerError,
        "failed",
        "check_log",
        frozenset(range(500, 600)) - {501, 503, 505},
        billed=True,
    ),
    ErrorRule(
        "not available",
        errors.ServerError,
        "unavailable",
        "later",
        frozenset({501, 503, 505}),
    ),
    ErrorRule(
        "refused",
        errors.BadRequestError,
        "refused",
        "",
        frozenset(range(400, 500)),
    ),
    # An answer with a good status that cannot be parsed may have been billed.
    ErrorRule(
        "error",
        errors.ServerError,
        "error",
        "later",
        billed=True,
    ),
)

PAGE_RULES: tuple[ErrorRule, ...] = (
    ErrorRule(
        "timeout",
        errors.TimedOutError,
        "proxy_timeout",
        "stream_keeps",
        GATEWAY_TIMEOUTS,
        billed=True,
    ),
    ErrorRule(
        "firewall",
        errors.AccessError,
        "firewall",
        "program_address",
        frozenset({401, 403, 429, 503}),
        _words("challenge"),
    ),
    ErrorRule(
        "limit",
        errors.RateLimitError,
        "many_requests_page",
        "wait",
        frozenset({429}),
    ),
    ErrorRule(
        "too large",
        errors.BadRequestError,
        "not_accepted_page",
        "smaller_references",
        frozenset({413}),
    ),
    ErrorRule(
        "not available",
        errors.ServerError,
        "proxy_gave_up",
        "check_log",
        frozenset({503}),
    ),
    ErrorRule(
        "failure",
        errors.ServerError,
        "proxy_gave_up",
        "check_log",
        # A plain web server does not know what to do with a POST.
        frozenset(range(500, 1100)) - {501, 505},
        billed=True,
    ),
    ErrorRule(
        "page",
        errors.NotAnEndpointError,
        "page",
        "program_url",
    ),
)
